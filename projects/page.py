def project_context(project, user):
    return {"project": project}
