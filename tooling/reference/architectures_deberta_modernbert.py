"""Cases of make_architectures.py: DeBERTa-v2, DeBERTa-v3 and ModernBERT."""

# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {}
