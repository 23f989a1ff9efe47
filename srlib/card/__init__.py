"""The model card: what a trained model is, was made of and is good for, in words made from its run."""
