"""Family -> dataset: instances sampled, told in words, translated back by the forward flow, kept where they agree."""
