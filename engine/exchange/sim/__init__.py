"""The embedded exchange: its own small world that speaks the vocabulary of Binance futures."""
