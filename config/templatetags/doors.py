"""``{% address_if_there "disputes:how" as url %}``: the address of a page that stands on a floor above, or ""."""

from django import template

from config import doors

register = template.Library()
register.simple_tag(doors.address_if_there, name="address_if_there")
