"""How the shipped networks are made. Nothing imports this but the commands that train; Keras lives here."""
