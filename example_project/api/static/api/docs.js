"use strict";

const place = document.getElementById("docs");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "none",
  // A session's changes need the token that Django keeps in the cookie.
  requestInterceptor(request) {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (found && new URL(request.url, location.href).origin === location.origin) {
      request.headers["X-CSRFToken"] = found[1];
    }
    return request;
  },
});
