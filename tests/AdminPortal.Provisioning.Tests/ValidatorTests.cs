using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests;

public sealed class ValidatorTests
{
    private static readonly EventSettings Good = new()
    {
        Enabled = true,
        CallbackUrl = "https://portal.example.com/events",
        Resources = ["contacts"],
    };

    [Theory]
    [InlineData("x", true)]
    [InlineData("255", true)]
    [InlineData("256", false)]
    [InlineData("255 and blanks around", true)]
    [InlineData("", false)]
    [InlineData("   ", false)]
    [InlineData(null, false)]
    [InlineData("a\nb", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\u0085b", false)]
    [InlineData("a\u2028b", false)]
    [InlineData("lone", false)]
    [InlineData("Zoë & Co. <b> 日本 🙂", true)]
    public void Name_Boundaries_AreHeldInBothForms(string? name, bool expected)
    {
        name = name switch
        {
            "255" => new string('x', 255),
            "256" => new string('x', 256),
            "255 and blanks around" => $"  {new string('x', 255)}  ",
            "lone" => "a" + (char)0xD800,
            _ => name,
        };

        Problems(new InstanceOptions { Name = name! }).Length.ShouldBe(expected ? 0 : 1);
        Problems(new InstanceEdit { Name = name! }).Length.ShouldBe(expected ? 0 : 1);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(20, 64, true)]
    [InlineData(21, 1, false)]
    [InlineData(1, 65, false)]
    [InlineData(1, 0, false)]
    public void Tags_Boundaries_AreHeldInBothForms(int count, int length, bool expected)
    {
        List<string> tags = [.. Enumerable.Range(0, count).Select(i => $"{i:00}".PadRight(length, 'x')[..length])];
        if (length == 1 && count == 21) tags = [.. Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString())];

        Problems(new InstanceOptions { Name = "n", Tags = tags }).Length.ShouldBe(expected ? 0 : 1);
        Problems(new InstanceEdit { Name = "n", Tags = tags }).Length.ShouldBe(expected ? 0 : 1);
    }

    [Theory]
    [InlineData("a\tb")]
    [InlineData("portal:something")]
    [InlineData("Portal:something")]
    [InlineData("twice")]
    public void Tags_ControlCharactersReservedOrTwice_AreRefused(string tag)
    {
        IReadOnlyList<string> tags = tag == "twice" ? [tag, tag] : [tag];

        Problems(new InstanceOptions { Name = "n", Tags = tags }).ShouldHaveSingleItem().Field.ShouldBe("Tags");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void EncryptedKey_Boundaries_AreHeld(int length, bool expected)
    {
        var check = FieldCheckUnderTest();
        var field = ElementCatalog.Infusionsoft.Find(ElementKey.Crm)!.Field(ElementCatalog.EncryptedKeyKey)!;

        check.TryRead(field, new string('k', length), out var value, out var problem).ShouldBe(expected);

        value.Length.ShouldBe(length);
        (problem is null).ShouldBe(expected);
    }

    [Theory]
    [InlineData("47d ab\r\ncd\t", "47dabcd", true)]
    [InlineData("\u00a047d\u200b\ufeff", "47d", true)]
    [InlineData("schlüssel", "schlüssel", false)]
    [InlineData("", "", false)]
    [InlineData(" \r\n ", "", false)]
    public void EncryptedKey_Pasted_IsCleanedOrRefused(string input, string expectedValue, bool expected)
    {
        var check = FieldCheckUnderTest();
        var field = ElementCatalog.Infusionsoft.Find(ElementKey.Crm)!.Field(ElementCatalog.EncryptedKeyKey)!;

        check.TryRead(field, input, out var value, out _).ShouldBe(expected);

        value.ShouldBe(expectedValue);
    }

    [Fact]
    public void Server_WithoutDomain_OffersIt()
    {
        var field = ElementCatalog.Infusionsoft.Find(ElementKey.Crm)!.Field(ElementCatalog.ServerKey)!;

        FieldCheckUnderTest().TryRead(field, "dt123", out _, out var problem).ShouldBeFalse();

        problem!.Suggestion.ShouldBe("dt123.infusionsoft.com");
    }

    [Theory]
    [InlineData("clean", "clean", false)]
    [InlineData(null, "", false)]
    [InlineData(" a b\r\nc\t", "abc", true)]
    [InlineData("a\u00a0b\u2003c", "abc", true)]
    [InlineData("\ufeffa\u200bb\u202ec\u2060", "abc", true)]
    [InlineData("a\0b\u007fc", "abc", true)]
    [InlineData("ümlaut", "ümlaut", false)]
    public void PastedText_Clean_TakesOutWhatNoKeyHasAndSaysSo(string? text, string expected, bool expectedChanged)
    {
        PastedText.Clean(text, out var changed).ShouldBe(expected);

        changed.ShouldBe(expectedChanged);
        PastedText.Clean(text).ShouldBe(expected);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("https://portal.example.com/events", true)]
    [InlineData("https://portal.example.com/events?x=1", true)]
    [InlineData("http://portal.example.com/events", false)]
    [InlineData("http://127.0.0.1/events", false)]
    [InlineData("ftp://portal.example.com", false)]
    [InlineData("portal.example.com", false)]
    [InlineData("https://a:b@portal.example.com", false)]
    public void Events_CallbackUrl_IsHttps(string url, bool expected) =>
        Problems(new InstanceOptions { Name = "n", Events = Good with { CallbackUrl = url } }).Length.ShouldBe(expected ? 0 : 1);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1440, true)]
    [InlineData(1441, false)]
    public void Events_Minutes_AreBounded(int minutes, bool expected) =>
        Problems(new InstanceOptions { Name = "n", Events = Good with { Minutes = minutes } }).Length.ShouldBe(expected ? 0 : 1);

    [Theory]
    [InlineData("", false, false)]
    [InlineData("", true, true)]
    [InlineData("""{"orders":{"url":"/hubs/crm/orders"}}""", false, true)]
    [InlineData("{}", true, false)]
    [InlineData("[]", true, false)]
    [InlineData("null", true, false)]
    [InlineData("3", true, false)]
    [InlineData("{", true, false)]
    [InlineData("""{"orders":{}}""", true, false)]
    [InlineData("""{"orders":"x"}""", true, false)]
    [InlineData("""{"orders":{"url":"/a"},"orders":{"url":"/b"}}""", true, false)]
    [InlineData("""{"orders":{"url":"/a","url":"/b"}}""", true, false)]
    [InlineData("""{"orders":{"url":"/a"},}""", true, false)]
    [InlineData("""{"\ud800":{"url":"/a"}}""", true, false)]
    [InlineData("""{"orders":{"url":"\ud800"}}""", true, false)]
    public void Events_PollerConfiguration_IsAnObjectOfEntriesWithUrls(string json, bool withResources, bool expected)
    {
        var options = new InstanceOptions { Name = "n", Events = Good with { PollerConfiguration = json, Resources = withResources ? ["contacts"] : [] } };

        Problems(options).Length.ShouldBe(expected ? 0 : 1);
    }

    [Fact]
    public void Events_PollerConfigurationTooLongOrTooDeep_IsRefused()
    {
        var tooLong = """{"orders":{"url":"/""" + new string('x', EventSettings.MaxPollerConfigurationLength) + "\"}}";
        var tooDeep = """{"orders":{"url":"/a","x":""" + string.Concat(Enumerable.Repeat("{\"x\":", 40)) + "1" + new string('}', 42);

        Problems(new InstanceOptions { Name = "n", Events = Good with { PollerConfiguration = tooLong } }).Length.ShouldBe(1);
        // Deeper than the body of a request may be.
        Problems(new InstanceOptions { Name = "n", Events = Good with { PollerConfiguration = tooDeep } }).Length.ShouldBe(1);
    }

    [Fact]
    public void Events_SwitchedOff_AreNotChecked() =>
        Problems(new InstanceOptions { Name = "n", Events = new EventSettings { CallbackUrl = "x", Minutes = -1, PollerConfiguration = "{" } }).ShouldBeEmpty();

    private static Problem[] Problems<T>(T input)
    {
        using var services = Services();
        return services.GetRequiredService<IValidator<T>>().Check(input);
    }

    private static FieldCheck FieldCheckUnderTest()
    {
        using var services = Services();
        return services.GetRequiredService<FieldCheck>();
    }

    private static ServiceProvider Services() => TestPortal.BuildServices(Path.GetTempPath());
}
