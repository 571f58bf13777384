// Tells the server the browser's time zone, for readers who have not chosen one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`tz=${zone}`)) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `tz=${zone};path=/;max-age=31536000;samesite=lax${secure}`;
}
