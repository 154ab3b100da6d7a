"""The paper book: the embedded exchange's matching engine fed with the live market's quotes."""
