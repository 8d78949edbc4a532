"""Mail services that give anybody an address: such an address says nothing of where its owner works."""

_GLOBAL = """
aol.com fastmail.com gmail.com googlemail.com gmx.com gmx.net hey.com hotmail.com icloud.com live.com mac.com mail.com
me.com msn.com outlook.com pm.me proton.me protonmail.com rocketmail.com tuta.com tutanota.com yahoo.com ymail.com
zoho.com zohomail.com
"""
_BY_COUNTRY = """
126.com 163.com qq.com sina.com hanmail.net naver.com yahoo.co.jp yahoo.co.in rediffmail.com yandex.com yandex.ru
mail.ru inbox.ru bk.ru list.ru ukr.net seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl
arcor.de freenet.de gmx.de live.de t-online.de web.de yahoo.de gmx.at gmx.ch bluewin.ch hispeed.ch
free.fr laposte.net hotmail.fr orange.fr sfr.fr wanadoo.fr yahoo.fr live.fr
libero.it tiscali.it virgilio.it hotmail.it yahoo.it hotmail.es yahoo.es terra.es telefonica.net
bol.com.br hotmail.com.br ig.com.br terra.com.br uol.com.br yahoo.com.br yahoo.com.ar yahoo.com.mx
btinternet.com hotmail.co.uk live.co.uk sky.com yahoo.co.uk talktalk.net ntlworld.com
home.nl hotmail.nl live.nl planet.nl xs4all.nl ziggo.nl telenet.be skynet.be
att.net bellsouth.net comcast.net cox.net charter.net earthlink.net sbcglobal.net verizon.net rogers.com shaw.ca
bigpond.com optusnet.com.au xtra.co.nz telia.com spray.se online.no
"""
FREE_MAIL_DOMAINS = frozenset((_GLOBAL + _BY_COUNTRY).split())
