"""What people write in a show, in several languages. No name is anyone's."""

PRODUCTS = {
    "en": ("moka pot", "skillet", "apron", "blue bowl", "rain jacket", "head torch", "wool socks", "pepper mill"),
    "es": ("cafetera", "sartén", "delantal", "chaqueta", "linterna", "bolsa"),
    "de": ("Pfanne", "Schürze", "Regenjacke", "Stirnlampe", "Kanne", "Tasche"),
    "pt": ("cafeteira", "frigideira", "avental", "jaqueta", "lanterna"),
    "fr": ("cafetière", "poêle", "veste", "lampe", "sac"),
    "ja": ("フライパン", "エプロン", "ジャケット", "ランプ"),
    "ru": ("сковорода", "куртка", "фонарь", "фартук"),
    "ar": ("المقلاة", "السترة", "الحقيبة"),
}
TALK = {
    "en": (
        "does the {p} come in green?",
        "is the {p} true to size",
        "how heavy is the {p}",
        "I have the {p} from last year, {o}",
        "what's the difference to the other {p}",
        "do you ship to {c}?",
        "how long is shipping to {c}",
        "my sister would {v} this",
        "that {p} is {a}",
        "{a}!!",
        "so {a}",
        "can you show the {p} again please",
        "can you zoom in on the handle",
        "is it {a}?",
        "the sound is a bit low",
        "watching from {c} {e}",
        "what's your return policy",
        "just ordered the {p} {e}",
        "lol",
        "haha {o}",
        "yes",
        "no way",
        "wow {e}",
        "{e}{e}",
        "I {v} it",
        "is this {p} dishwasher safe or by hand only",
        "got mine on {d}, {o}",
        "what time is the next show",
        "thanks for answering!",
        "ok I {v} the {p} but in a smaller size",
        "who else is waiting for the {p}",
        "{n} left??",
        "I paid {n} for something like this and it broke",
    ),
    "es": (
        "¿cuánto cuesta la {p}?",
        "¿hacen envíos a {c}?",
        "me encanta {e}",
        "qué bonita la {p}",
        "saludos desde {c}",
        "¿tienen talla grande?",
        "jajaja",
        "yo quiero la {p}",
        "la mía llegó el {d}, muy {a}",
        "¿otra vez la {p} por favor?",
    ),
    "de": (
        "was kostet die {p}?",
        "Grüße aus {c}",
        "ist die {p} spülmaschinenfest?",
        "die {p} habe ich schon, {o}",
        "sehr schön {e}",
        "liefert ihr nach {c}?",
        "gibt es die {p} auch in Grün?",
        "haha",
        "Ton ist etwas leise",
    ),
    "pt": ("quanto custa a {p}?", "que linda {e}", "entrega em {c}?", "amei a {p}", "kkkkk", "boa noite de {c}"),
    "fr": ("c'est combien la {p} ?", "trop belle {e}", "livraison à {c} ?", "j'adore la {p}", "mdr", "et en vert ?"),
    "ja": ("{p}はいくらですか", "かわいい{e}", "{c}に送れますか", "{p}もう一回見せて", "www", "欲しい"),
    "ru": ("сколько стоит {p}?", "доставка в {c} есть?", "красиво {e}", "хочу {p}", "ахаха"),
    "ar": ("كم سعر {p}؟", "جميل {e}", "هل يوجد توصيل إلى {c}", "أريد {p}"),
}
ASIDES = {
    "en": ("ok so", "question:", "sorry if asked already,", "late to the party but", "@host", "fyi", "honestly", "hmm"),
    "es": ("oye,", "una pregunta:", "perdón,", "hola,", "la verdad,", "bueno,"),
    "de": ("sorry,", "kurze Frage:", "also ich finde,", "hm,", "ehrlich,", "na ja,"),
    "pt": ("gente,", "uma pergunta:", "olha,", "sério,", "então,"),
    "fr": ("pardon,", "une question :", "alors,", "bon,"),
    "ja": ("すみません、", "質問です。", "あの、"),
    "ru": ("простите,", "вопрос:", "ну,", "а"),
    "ar": ("عفوا", "سؤال", "طيب"),
}
TOPICS = {
    "en": "kitchen,garden,husband,oven,cat,camping trip,balcony,birthday,mother,neighbour,bike,old one,daughter,drawer,"
    "van,boat,office,studio,lid,colour,strap,zip,handle,stove,rain,winter,festival,dog,salad,breakfast",
    "es": "cocina,jardín,marido,horno,gato,balcón,cumpleaños,madre,vecina,bici,hija,cajón,oficina,tapa,color,correa,"
    "cremallera,mango,lluvia,invierno,perro,desayuno",
    "de": "Küche,Garten,Mann,Ofen,Katze,Balkon,Geburtstag,Mutter,Nachbarin,Rad,Tochter,Schublade,Büro,Deckel,Farbe,"
    "Gurt,Griff,Regen,Winter,Hund,Frühstück,Urlaub",
    "pt": "cozinha,jardim,marido,forno,gato,varanda,aniversário,mãe,vizinha,filha,gaveta,escritório,tampa,cor,alça,"
    "chuva,inverno,cachorro,café da manhã",
    "fr": "cuisine,jardin,mari,four,chat,balcon,anniversaire,mère,voisine,vélo,fille,tiroir,bureau,couvercle,couleur",
    "ja": "台所,庭,母,猫,誕生日,冬,雨,犬,朝ごはん,色,取っ手,会社",
    "ru": "кухня,сад,муж,кот,балкон,мама,соседка,дочь,офис,крышка,цвет,ручка,дождь,зима,собака",
    "ar": "المطبخ,الحديقة,زوجي,القطة,أمي,جارتي,المكتب,اللون,الشتاء,الكلب",
}
SMALL_WORDS = {
    "en": "the a my is it not for with and so to in on this that we I you was have but really just too also do what "
    "when if they can got would like more than from one of about think mine still new even only after before "
    "which looks good nice small big better best easy light warm dry hard soft broke washed used tried bought "
    "saw sent wrong right maybe never always again today last next year week thing stuff way bit lot everyone "
    "someone anything nothing",
    "es": "la el mi es no para con y que de en lo un una muy pero si se me te ya más también cuando como donde todo "
    "nada algo bien mal grande pequeño mejor fácil nueva vieja compré usé vi llegó quiero puede sería creo "
    "siempre nunca hoy ayer año",
    "de": "die der das mein ist nicht für mit und so zu in auf wir ich du hat war aber wirklich nur auch wenn was "
    "kann hätte mehr als von eine noch neu klein groß besser leicht warm hart weich kaputt gekauft benutzt "
    "gesehen heute immer nie wieder Jahr Woche Sache",
    "pt": "a o meu é não para com e que de em um uma muito mas se me já mais também quando como tudo nada algo bem "
    "mal grande pequeno melhor fácil nova velha comprei usei vi chegou quero pode acho sempre nunca hoje "
    "ontem ano",
    "fr": "la le mon est pas pour avec et que de en un une très mais si je tu il déjà plus aussi quand comme tout "
    "rien bien grand petit mieux facile neuf vieux acheté vu arrivé veux peut crois toujours jamais hier "
    "année",
    "ja": "これ それ とても もう また ちょっと 新しい 小さい 大きい "
    "買った 使った 見た 欲しい 今日 いつも でも たぶん いいね",
    "ru": "это мой не для с и что в на но если мы я ты был уже ещё тоже когда как всё ничего хорошо плохо большой "
    "новый купила видела хочу можно думаю всегда никогда сегодня год",
    "ar": "هذا هذه في من على مع و لا إلى كان جدا لكن إذا أنا نحن كل شيء جيد كبير صغير جديد اشتريت رأيت أريد اليوم "
    "دائما",
}
GREETINGS = {
    "en": (
        "hi",
        "hello",
        "hey",
        "hi everyone",
        "hello everyone",
        "hey all",
        "hi from {c}",
        "good evening",
        "hello {e}",
    ),
    "es": ("hola", "hola a todos", "buenas", "hola desde {c}", "buenas noches"),
    "de": ("hallo", "hallo zusammen", "guten Abend", "moin", "hallo aus {c}"),
    "pt": ("oi", "oi gente", "olá", "boa noite", "oi de {c}"),
    "fr": ("bonsoir", "salut", "coucou", "bonjour de {c}"),
    "ja": ("こんばんは", "はじめまして", "こんにちは"),
    "ru": ("привет", "всем привет", "добрый вечер"),
    "ar": ("مرحبا", "السلام عليكم", "مساء الخير"),
}
CITIES = (
    "Porto",
    "Leeds",
    "Graz",
    "Austin",
    "Lima",
    "Lyon",
    "Osaka",
    "Kazan",
    "Oslo",
    "Cairo",
    "Cork",
    "Bern",
    "Quito",
)
EMOJI = ("❤️", "😍", "🔥", "😂", "👏", "💙", "☕", "🙌", "😮", "🥰", "👍", "✨")
LIKES = ("love", "want", "need", "adore", "prefer", "bought")
ADJECTIVES = ("gorgeous", "so pretty", "heavy", "sturdy", "amazing", "cute", "expensive", "waterproof", "tiny", "huge")
OPINIONS = (
    "still going strong",
    "best thing I own",
    "a bit heavy for me",
    "use it every day",
    "my dog ate the box",
    "it was a gift",
    "worth every cent",
    "took two weeks to arrive",
)
DAYS = ("Monday", "Tuesday", "Friday", "the weekend", "my birthday")

REVEAL = (
    "❤️",
    "😍",
    "wow",
    "wooow",
    "how much?",
    "price?",
    "omg",
    "😍😍😍",
    "❤️❤️❤️❤️",
    "beautiful",
    "how much is it?",
    "🔥🔥🔥",
)
REVEAL_WALLS = ("❤️" * 10, "😍" * 12, "🔥" * 9, "❤️😍" * 6, "!" * 15)
SALE = (
    "me!",
    "me",
    "+1",
    "mine",
    "sold",
    "I want it",
    "ME!!!",
    "in cart",
    "bought!",
    "one please",
    "yo",
    "ich!",
    "eu!",
    "moi",
)
GIVEAWAYS = (
    "PANDA",
    "#summerbox",
    "I want to win",
    "blue",
    "win",
    "kitchen queen",
    "#northboundwinter",
    "copper forever",
    "pick me",
    "me please",
    "I love this show",
    "🎁",
    "tent time",
    "77",
)
LONG_GIVEAWAYS = ("I want the copper pan please", "northbound takes me outside", "best show of the whole week")
QUESTIONS = (
    ("red", "blue", "the blue one", "red!!", "blue 💙"),
    ("yes", "yes!", "no", "yesss", "si", "ja"),
    ("A", "B", "a", "b!", "B please"),
    ("loud and clear", "yes we hear you", "we can hear you", "yes", "hear you fine", "👍"),
    ("tea", "coffee", "coffee ☕", "tea please", "both"),
)
