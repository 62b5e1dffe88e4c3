"""Text -> Draft, offline: the translator shipped with the package."""
