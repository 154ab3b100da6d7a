"""Smart Money Concepts, detected causally: one closed candle in, findings and Setups out."""
