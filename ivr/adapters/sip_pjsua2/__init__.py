"""SIP and RTP by pjsua2: lines in and out, accounts, admission."""
