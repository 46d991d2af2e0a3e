"""What callers hear: the product's own sentences, and the company's recordings and music.

``spoken`` are the sentences that ship, with their audio; ``lay`` puts everything where Asterisk
looks for it; ``api`` is the administrator's page.
"""

from atiende.prompts.lay import MUSIC_MODULE, Sounds

__all__ = ["MUSIC_MODULE", "Sounds"]
