"""The demo's projects, by trade."""

from demo.works import numbers, pictures, sites, sound, words

WORKS = (*sites.WORKS, *words.WORKS, *pictures.WORKS, *sound.WORKS, *numbers.WORKS)
