"""What people and programs do with campaigns, on a desk: plan, look ahead, explain, take results home."""
