"""Marketing's desk: nurture, campaigns, the loop feed, proof."""
