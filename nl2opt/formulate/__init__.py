"""Text -> Draft -> Model: the translators."""
