"""One file or folder per outside thing: SIP library, recognisers, voices, store, bus."""
