"""What a person likes, learnt from what they pick: features of pictures, a model, its trial."""
