"""Tells mypy what LoginRequiredMiddleware sees to: ``request.user`` is a member.

The few views that are open to everybody ask ``is_authenticated`` first; members and strangers both answer that.
"""

from collections.abc import Callable

from mypy.nodes import TypeInfo
from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type


class MembersPlugin(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return self._member if fullname == "django.http.request.HttpRequest.user" else None

    def _member(self, context: AttributeContext) -> Type:
        known = self.lookup_fully_qualified("accounts.models.Member")
        if known is None or not isinstance(known.node, TypeInfo):
            return context.default_attr_type
        return Instance(known.node, [])


def plugin(version: str) -> type[Plugin]:
    return MembersPlugin
