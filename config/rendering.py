"""How forms become HTML: every form and field of the site, allauth's included, by our own components."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders ``{{ form }}`` and ``{{ field.as_field_group }}`` with ``templates/components/``."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
