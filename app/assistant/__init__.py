"""The modelling assistant: a page over `import nl2opt`, one file a panel; whatever computes runs in its own process."""
