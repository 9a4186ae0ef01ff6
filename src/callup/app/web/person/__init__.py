"""What the person called up sees and does: their notice and why, their claims, everything held on them."""
