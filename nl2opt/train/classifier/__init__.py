"""Wordings of the templates -> the weights of the classifier: `python -m nl2opt.train.classifier`."""
