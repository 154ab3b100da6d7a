"""Other people's tools, installed apart and measured beside ours: `bench --peers`."""
