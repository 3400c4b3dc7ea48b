"""The registry of models: which versions there are, which is in use, how it came to be, and the way back."""
