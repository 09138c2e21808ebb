"""The one place where adapters are chosen and joined: settings in, serving processes out."""
