"""The buyer's decision: who must agree, what holds them, what to ask."""
