using System.Net;
using System.Text.Json;
using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Tests.Requests;

public sealed class SecretWordsTests
{
    private const string Token = "ABC/Dxy+z\"1\\=é";

    [Fact]
    public void Clean_AnyWriting_PutsTheWordInItsPlace()
    {
        string[] writings =
        [
            Token, JsonEncodedText.Encode(Token).ToString(), JsonSerializer.Serialize(JsonSerializer.Serialize(Token))[7..^7],
            Token.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal),
            WebUtility.HtmlEncode(Token), string.Concat(Token.Select(letter => $"\\u{(int)letter:X4}")), string.Concat(Token.Select(letter => $"&#x{(int)letter:X};")),
        ];

        foreach (var writing in writings)
        {
            var words = new SecretWords("user-secret", "org-secret", Token);
            words.Clean($"before {writing} after").ShouldBe("before YOUR_ELEMENT_TOKEN after", writing);
            words.Replaced.ShouldBeTrue();
        }
    }

    [Fact]
    public void Clean_InAnAddress_PutsTheWordInItsPlace()
    {
        var words = new SecretWords("user+secret/=", "org-secret", "token");

        words.Clean("https://x/?a=user%2bsecret%2F%3D&b=org-secret").ShouldBe("https://x/?a=YOUR_USER_SECRET&b=YOUR_ORGANIZATION_SECRET");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Clean_RandomSecretsInJson_AreNeverLeft(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var secrets = Enumerable.Range(0, 3).Select(_ => string.Concat(Enumerable.Range(0, random.Next(8, 45)).Select(_ => (char)random.Next('!', '~' + 1)))).ToArray();
            var json = JsonSerializer.Serialize(secrets.Select(secret => new { value = secret, inside = "x" + secret + "y", address = Uri.EscapeDataString(secret) }));
            var words = new SecretWords(secrets[0], secrets[1], secrets[2]);

            var clean = words.Clean(json);

            // It is JSON still, and read as JSON holds none of them.
            var texts = JsonElement.Parse(clean).EnumerateArray().SelectMany(row => row.EnumerateObject()).Select(member => member.Value.GetString()!).ToList();
            texts.ShouldAllBe(text => !secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal) || Uri.UnescapeDataString(text).Contains(secret, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Clean_CutOff_TakesTheBeginningAtTheEnd()
    {
        var words = new SecretWords("user-secret", "org-secret", "element-token");

        words.Clean("…element-to", cut: true).ShouldBe("…YOUR_ELEMENT_TOKEN");
        words.Clean("…element-to").ShouldBe("…element-to");
    }

    [Fact]
    public void Clean_NothingThere_SaysSo()
    {
        var words = new SecretWords("user-secret", "org-secret", "element-token");

        words.Clean("nothing").ShouldBe("nothing");
        words.Replaced.ShouldBeFalse();
    }

    [Fact]
    public void Clean_LongSecretAndLongText_IsDone()
    {
        var words = new SecretWords(new string('a', 512), "org-secret", new string('/', 512));

        words.Clean(new string('a', 511) + "b" + new string('/', 200_000)).ShouldStartWith("aaa");
    }
}
