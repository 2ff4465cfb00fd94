"""The edges of each rule: `<rule_name>.py` holds `CASES`, from a fact to an Example (`hits=0` for silence)."""
