"""The scorecard: targets of both sides beside what has come of them, and which part of the funnel missed."""
