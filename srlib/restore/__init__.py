"""Restoring one's own X-rays with a trained model: files in, files of the same kind out."""
