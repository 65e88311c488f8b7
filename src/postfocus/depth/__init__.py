"""From sharpness curves to the position of focus, with confidence."""
