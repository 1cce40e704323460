using System.Globalization;
using System.Text;

namespace AgentHosting.Tokenizers.Tests;

/// <summary>Texts of the kinds that agents send.</summary>
internal static class Samples
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["english"] = """
            The committee met on Thursday to discuss the harbour extension, which has been delayed twice since spring. Several members asked why the original
            estimate had doubled; the engineer replied that the seabed was softer than the survey suggested, and that extra piles would be needed. "We can finish
            by October," she said, "if the weather holds and nobody changes the drawings again." A vote was postponed until the auditors publish their report.
            """,
        ["english-rare"] = """
            Otorhinolaryngologists hypothesise that idiosyncratic glossopharyngeal neuralgia, electroencephalographically indistinguishable from psychosomatic
            vestibulopathy, predisposes immunocompromised octogenarians to bronchopulmonary candidiasis. Xylographers, quixotic sesquipedalians and zymurgists
            disagree: thiamethoxam, clothianidin, acetylcholinesterase, Wzyqvist & Thrqbjørn, Ptolemaic syzygies.
            """,
        ["german"] = """
            Die Donaudampfschifffahrtsgesellschaft veröffentlichte gestern überraschend ihre Geschäftszahlen. Der Aufsichtsratsvorsitzende erklärte, die
            Rechtsschutzversicherungsbeiträge seien unverhältnismäßig gestiegen; außerdem müsse man Grundstücksverkehrsgenehmigungen künftig früher beantragen.
            Für Straßenbahnfahrgäste ändert sich nichts, heißt es in der Presseerklärung der Verkehrsbetriebe.
            """,
        ["french"] = """
            L'assemblée générale s'est réunie hier à l'hôtel de ville, où l'on a longuement débattu du réaménagement des quais. « Nous ne pouvons plus attendre »,
            a déclaré l'élue, qui regrette que les études préalables n'aient été achevées qu'en août. Les commerçants, eux, craignent une baisse d'activité.
            """,
        ["finnish"] = """
            Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas odotti pysäkillä, kun epäjärjestelmällistyttämättömyydestä keskusteltiin radiossa.
            Työttömyysvakuutusmaksut nousevat ensi vuonna, kertoo valtiovarainministeriö tiedotteessaan.
            """,
        ["polish"] = """
            Chrząszcz brzmi w trzcinie w Szczebrzeszynie, a źdźbło trawy drży na wietrze. Ministerstwo ogłosiło wczoraj, że przedsiębiorstwa będą mogły składać
            wnioski o dofinansowanie aż do końca października; szczegółowe wytyczne opublikowano w dzienniku urzędowym.
            """,
        ["russian"] = """
            Вчера вечером правительство опубликовало доклад о состоянии железнодорожной инфраструктуры. По словам министра, реконструкция мостов затянется как
            минимум до следующей осени, а достопримечательности города останутся закрытыми. Высококвалифицированных специалистов по-прежнему не хватает.
            """,
        ["greek"] = "Η κυβέρνηση ανακοίνωσε χθες ότι οι εργασίες στο λιμάνι θα καθυστερήσουν. Οι κάτοικοι ζητούν αποζημιώσεις και πρόσβαση στην παραλία.",
        ["chinese"] = "昨天下午,市政府公布了关于港口扩建工程的最新报告。工程师表示,海底地质比预想的更加松软,因此必须增加桩基,预算也随之翻倍。居民们担心噪音和灰尘,要求施工单位在夜间停止作业。",
        ["chinese-rare"] = "魑魅魍魉,饕餮盛宴;龘靐齉爨麤,囧囹圄圊,氍毹觳觫,耄耋鳏寡,踟蹰彳亍,沆瀣一气,蹀躞蹒跚。",
        ["japanese"] = "昨日の午後、市役所は港の拡張工事に関する最新の報告書を公表しました。技術者によると、海底の地盤が予想よりも柔らかく、杭を追加する必要があるため、予算は二倍になるとのことです。ソフトウェアのアップデートをインストールしてください。",
        ["korean"] = "어제 오후 시청은 항구 확장 공사에 관한 최신 보고서를 발표했습니다. 기술자에 따르면 해저 지반이 예상보다 부드러워서 말뚝을 추가해야 하며 예산은 두 배로 늘어날 것이라고 합니다.",
        ["arabic"] = "نشرت البلدية بعد ظهر أمس تقريرها الأخير عن أعمال توسيع الميناء. وقال المهندس إن قاع البحر أكثر ليونة مما كان متوقعا، ولذلك يجب إضافة ركائز جديدة، مما سيضاعف الميزانية.",
        ["arabic-vowels"] = "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ ۝ ٱلْحَمْدُ لِلَّهِ رَبِّ ٱلْعَٰلَمِينَ",
        ["hebrew"] = "אתמול אחר הצהריים פרסמה העירייה את הדוח האחרון על הרחבת הנמל. לדברי המהנדסת, קרקעית הים רכה מן הצפוי ולכן יידרשו כלונסאות נוספים.",
        ["hindi"] = "कल दोपहर नगर पालिका ने बंदरगाह के विस्तार पर अपनी नवीनतम रिपोर्ट प्रकाशित की। अभियंता के अनुसार समुद्र तल अपेक्षा से अधिक नरम है, इसलिए अतिरिक्त खंभों की आवश्यकता होगी।",
        ["thai"] = "เมื่อวานตอนบ่าย เทศบาลได้เผยแพร่รายงานล่าสุดเกี่ยวกับการขยายท่าเรือ วิศวกรกล่าวว่าพื้นทะเลอ่อนกว่าที่คาดไว้ จึงต้องเพิ่มเสาเข็ม",
        ["amharic"] = "ትናንት ከሰዓት በኋላ ማዘጋጃ ቤቱ ስለ ወደቡ ማስፋፊያ የቅርብ ጊዜ ሪፖርት አወጣ።",
        ["vietnamese"] = "Chiều hôm qua, chính quyền thành phố đã công bố báo cáo mới nhất về việc mở rộng cảng; kỹ sư cho biết đáy biển mềm hơn dự kiến, vì vậy cần thêm cọc.",
        ["emoji"] = "Great job 🎉🎉🎉 see you 👩‍👩‍👧‍👦 tomorrow 🏳️‍🌈!! 😀😃😄😁😆😅🤣😂🙂🙃🫠😉😊😇🥰😍🤩😘 🇩🇪🇫🇷🇯🇵 👍🏽👏🏿🧑🏻‍💻 ✅❌⚠️➡️",
        ["math"] = "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ∧ ∑ᵢ₌₁ⁿ i² = n(n+1)(2n+1)⁄6, ∮E⃗·dℓ⃗ = −∂Φ/∂t, ⟨ψ|Ĥ|ψ⟩ ≥ ℏω⁄2, 𝔄𝔅𝕏𝕐 ⊢ ¬(P ∨ Q) ⟺ ¬P ∧ ¬Q",
        ["csharp"] = """
            public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, [EnumeratorCancellation] CancellationToken ct = default)
            {
                ArgumentNullException.ThrowIfNull(messages);
                await foreach (var update in _inner.GetStreamingResponseAsync(messages, ct).ConfigureAwait(false))
                {
                    if (update is { Contents: [TextContent { Text.Length: > 0 } text, ..] } && !_seen.Add(text.Text)) { continue; }
                    yield return update with { Index = i++ >> 2, Flags = 0x1F | ~mask };
                }
            }
            """,
        ["python"] = "def fib(n: int) -> list[int]:\n    a, b = 0, 1\n    out = []\n    while len(out) < n:\n        out.append(a)\n        a, b = b, a + b\n    return [x for x in out if x % 2 == 0 or x ** 2 > 10_000]\n\n\nif __name__ == \"__main__\":\n    print(f\"{fib(20)!r:>40}\")\n",
        ["minified"] = "!function(e,t){\"object\"==typeof exports&&\"undefined\"!=typeof module?t(exports):(e=e||self).Xq={}}(this,function(e){var n=Object.assign||function(r){for(var i=1;i<arguments.length;i++)for(var o in arguments[i])r[o]=arguments[i][o];return r},u=/^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*)$/i;e.qZ=n;e.kW=u});",
        ["regex"] = @"^(?=.*[A-Z])(?=.*\d)[\w!@#$%^&*()\-+={}\[\]|\\:;""'<>,.?/~`]{8,64}$|(?<!\\)(?:\\\\)*\$\{([^}]+)\}||~~~^^^%%%$$$@@@",
        ["json"] = """{"id":"ord_9f8e7d6c","customer":{"name":"Ann Example","email":"ann@example.org","tags":["vip","eu-west-1"]},"items":[{"sku":"AB-1029-XL","qty":3,"price":19.99},{"sku":"ZX-88","qty":1,"price":1249.5}],"paid":true,"note":null,"created_at":"2026-03-09T14:07:31.482Z"}""",
        ["json-indented"] = "{\n    \"a\": {\n        \"b\": [\n            1,\n            22,\n            333\n        ],\n        \"c\": {\n            \"d\": \"e\"\n        }\n    }\n}\n",
        ["json-escaped"] = """{"text":"He said \"no\"\n\t\\u00e9\\u0301 \u4f60\u597d \ud83d\ude00","path":"C:\\Users\\ann\\AppData\\Local\\Temp\\x.tmp"}""",
        ["xml"] = "<?xml version=\"1.0\"?><ns:Envelope xmlns:ns=\"http://schemas.example.org/soap/\"><ns:Body><getQuote id=\"7\"><sym>MSFT</sym></getQuote></ns:Body></ns:Envelope>",
        ["logs"] = """
            2026-11-26T16:31:45.0021183Z INFO  [worker-7] o.a.k.c.NetworkClient - [Consumer clientId=c-12, groupId=g] Node -1 disconnected (10.42.0.17:9092).
            10.0.3.221 - - [26/Nov/2026:16:31:46 +0000] "GET /v1/items?page=12&sort=-ts HTTP/1.1" 200 18233 "-" "curl/8.5.0" rt=0.004 uct="0.000"
            E1126 16:31:47.113904   90211 reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Node: Get "https://10.96.0.1:443/api": EOF
                at System.Net.Http.HttpConnection.<SendAsync>d__57.MoveNext() in /_/src/HttpConnection.cs:line 0x3fa
            """,
        ["csv"] = "id,ts,lat,lon,v\n1,1732638705,52.520008,13.404954,-0.00031\n2,1732638706,48.856613,2.352222,1.7e-05\n3,1732638707,-33.868820,151.209290,99999.5\n",
        ["numbers"] = "3.14159265358979323846264338327950288419716939937510 1000000000000 0.1 1,234,567.89 +49 170 1234567 2026-11-26 1/2 7 42",
        ["markdown"] = "# Title\n\n| a | b |\n| --- | ---: |\n| `x` | **1** |\n\n- [ ] item [link](https://example.org/a_b-c?d=e#f)\n\n```sh\n$ ls -la | grep '^d' > /tmp/out.txt 2>&1\n```\n\n---\n***\n",
        ["table"] = "+----------+----------+\n| name     | qty      |\n+==========+==========+\n| bolt     |      100 |\n+----------+----------+\n┌──────┬──────┐\n│ a    │ b    │\n└──────┴──────┘\n",
        ["uuids"] = "550e8400-e29b-41d4-a716-446655440000 f47ac10b-58cc-4372-a567-0e02b2c3d479 6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        ["whitespace"] = "a\n\n\n\nb\t\t\tc    d\r\n\r\n  e \n \n\t \n        f                                                      g\n\n\t\tint x;\n\t\t\tint y;\n",
        ["capitals"] = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG. WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.",
        ["identifiers"] = "SELECT usr_acct_id, xQzPtr, m_pszBuf, hWndParent, GUID_DEVCLASS_WCEUSBS, fooBarBazQux, kCFURLErrorDNSLookupFailed FROM tbl_x JOIN zz9plural USING(pk)",
        ["special"] = string.Concat(Enumerable.Repeat("<|endoftext|><|im_start|>", 20)),
        ["base64"] = Convert.ToBase64String(Random(1, 600)),
        ["base64-url"] = Convert.ToBase64String(Random(2, 600)).Replace('+', '-').Replace('/', '_'),
        ["hex"] = Convert.ToHexStringLower(Random(3, 400)),
        ["hex-upper"] = Convert.ToHexString(Random(4, 400)),
        ["random-lower"] = Letters(5, 'a', 800),
        ["random-upper"] = Letters(6, 'A', 800),
        ["random-words"] = string.Join(' ', Enumerable.Range(0, 100).Select(i => Letters(100 + i, 'a', 3 + (i % 8)))),
        ["random-ascii"] = Ascii(7, 1000),
        ["random-scripts"] = Scripts(8, 600),
        ["repeated"] = new string('a', 300) + " " + new string('=', 120) + " " + new string('-', 100) + " " + new string('Q', 120) + new string('!', 50),
    };

    private static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string Letters(int seed, char first, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, (span, source) =>
        {
            foreach (ref var letter in span)
            {
                letter = (char)(first + source.Next(26));
            }
        });
    }

    private static string Ascii(int seed, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, (span, source) =>
        {
            foreach (ref var letter in span)
            {
                letter = (char)source.Next(32, 127);
            }
        });
    }

    private static string Scripts(int seed, int length)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var letter = (char)random.Next(0x80, 0xFFFD);
            if (letter is not (>= '\u4E00' and <= '\uDFFF') && CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.OtherNotAssigned)
            {
                text.Append(letter);
            }
        }

        return text.ToString();
    }
}
