// Django's own script opens the side bar when all of the page is there, which pushes the page aside.
// Here the bar is opened, or left shut, before anything of the page is shown.
"use strict";

document
  .getElementById("main")
  .classList.toggle("shifted", localStorage.getItem("django.admin.navSidebarIsOpen") !== "false");
