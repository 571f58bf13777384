"""``{% address_if_there "disputes:how" as url %}``: the address of a page that stands on a floor above, or "".

``{% chat_about "milestone" milestone.pk as url %}``: where one writes to support about a thing (``config.subjects``).
"""

from django import template

from config import doors, subjects

register = template.Library()
register.simple_tag(doors.address_if_there, name="address_if_there")
register.simple_tag(subjects.chat_about)
