"""What a message is made of: text with entities, keyboards, pictures. Pure values."""
