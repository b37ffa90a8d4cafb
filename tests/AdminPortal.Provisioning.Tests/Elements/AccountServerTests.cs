using AdminPortal.Domain.Elements;

namespace AdminPortal.Provisioning.Tests.Elements;

public sealed class AccountServerTests
{
    private const string Label63 = "a23456789012345678901234567890123456789012345678901234567890123";

    [Theory]
    [InlineData("dt123.infusionsoft.com", "dt123.infusionsoft.com")]
    [InlineData("https://dt123.infusionsoft.com", "dt123.infusionsoft.com")]
    [InlineData("https://dt123.infusionsoft.com/", "dt123.infusionsoft.com")]
    [InlineData("dt123.infusionsoft.com/", "dt123.infusionsoft.com")]
    [InlineData("DT123.INFUSIONSOFT.COM", "dt123.infusionsoft.com")]
    [InlineData("HTTPS://Dt123.InfusionSoft.Com/", "dt123.infusionsoft.com")]
    [InlineData("  dt123.infusionsoft.com  ", "dt123.infusionsoft.com")]
    [InlineData("\tdt123.infusionsoft.com\r\n", "dt123.infusionsoft.com")]
    [InlineData("\u00a0dt123.infusionsoft.com\u3000", "dt123.infusionsoft.com")]
    [InlineData("alpha.infusionsoft.com", "alpha.infusionsoft.com")]
    [InlineData("a.infusionsoft.com", "a.infusionsoft.com")]
    [InlineData("1.infusionsoft.com", "1.infusionsoft.com")]
    [InlineData("my-shop.infusionsoft.com", "my-shop.infusionsoft.com")]
    [InlineData("my--shop.infusionsoft.com", "my--shop.infusionsoft.com")]
    [InlineData("wwwshop.infusionsoft.com", "wwwshop.infusionsoft.com")]
    [InlineData("api2.infusionsoft.com", "api2.infusionsoft.com")]
    [InlineData(Label63 + ".infusionsoft.com", Label63 + ".infusionsoft.com")]
    public void TryParse_AcceptedForm_GivesTheBareHost(string input, string expected)
    {
        AccountServer.TryParse(input, out var server, out _).ShouldBeTrue();

        server.Host.ShouldBe(expected);
        server.ToString().ShouldBe(expected);
    }

    [Theory]
    // Nothing.
    [InlineData(null, AccountServerProblem.Empty)]
    [InlineData("", AccountServerProblem.Empty)]
    [InlineData("   \r\n\t", AccountServerProblem.Empty)]
    [InlineData("https://", AccountServerProblem.Empty)]
    [InlineData("/", AccountServerProblem.Empty)]
    // Another way there.
    [InlineData("http://dt123.infusionsoft.com", AccountServerProblem.Http)]
    [InlineData("HTTP://DT123.infusionsoft.com/", AccountServerProblem.Http)]
    [InlineData("ftp://dt123.infusionsoft.com", AccountServerProblem.OtherScheme)]
    [InlineData("javascript://dt123.infusionsoft.com", AccountServerProblem.OtherScheme)]
    [InlineData("://dt123.infusionsoft.com", AccountServerProblem.OtherScheme)]
    [InlineData("xhttps://dt123.infusionsoft.com", AccountServerProblem.OtherScheme)]
    // More than a host.
    [InlineData("dt123.infusionsoft.com/Contact/manageContact.jsp", AccountServerProblem.Path)]
    [InlineData("https://dt123.infusionsoft.com/app", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com//", AccountServerProblem.Path)]
    [InlineData("https:///dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("https://https://dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("//dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com?x=1", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com/?x=1", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com#top", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com\\app", AccountServerProblem.Path)]
    [InlineData("https:\\\\dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("evil.org/dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("evil.org?dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("evil.org#dt123.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("evil.org\\.infusionsoft.com", AccountServerProblem.Path)]
    [InlineData("dt123.infusionsoft.com:443", AccountServerProblem.Port)]
    [InlineData("https://dt123.infusionsoft.com:8443/", AccountServerProblem.Port)]
    [InlineData("dt123.infusionsoft.com:", AccountServerProblem.Port)]
    [InlineData("https:dt123.infusionsoft.com", AccountServerProblem.Port)]
    [InlineData("evil.org:80.infusionsoft.com", AccountServerProblem.Port)]
    [InlineData("user@dt123.infusionsoft.com", AccountServerProblem.UserInfo)]
    [InlineData("https://user:password@dt123.infusionsoft.com", AccountServerProblem.UserInfo)]
    [InlineData("dt123.infusionsoft.com@evil.org", AccountServerProblem.UserInfo)]
    [InlineData("https://dt123.infusionsoft.com@evil.org/", AccountServerProblem.UserInfo)]
    // Somebody else's.
    [InlineData("dt123.infusionsoft.com.evil.org", AccountServerProblem.Lookalike)]
    [InlineData("https://dt123.infusionsoft.com.evil.org/", AccountServerProblem.Lookalike)]
    [InlineData("dt123-infusionsoft.com", AccountServerProblem.Lookalike)]
    [InlineData("dt123infusionsoft.com", AccountServerProblem.Lookalike)]
    [InlineData("dt123.infusionsoft.com.", AccountServerProblem.OtherDomain)]
    [InlineData("infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("dt123.infusionsoft.com.com", AccountServerProblem.Lookalike)]
    [InlineData("dt123.infusionsoft.company", AccountServerProblem.Lookalike)]
    [InlineData("dt123.xinfusionsoft.com", AccountServerProblem.Lookalike)]
    [InlineData("dt123.infusionsoft.co", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.infusionsoft.org", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.infusion-soft.com", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.infusions0ft.com", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.keap.app", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.keap.com", AccountServerProblem.OtherDomain)]
    [InlineData("127.0.0.1", AccountServerProblem.OtherDomain)]
    [InlineData("example.com", AccountServerProblem.OtherDomain)]
    [InlineData("dt123.", AccountServerProblem.OtherDomain)]
    [InlineData("[::1]", AccountServerProblem.Port)]
    // Other scripts.
    [InlineData("dt123\uff0einfusionsoft\uff0ecom", AccountServerProblem.NotAscii)]
    [InlineData("dt123\u3002infusionsoft\u3002com", AccountServerProblem.NotAscii)]
    [InlineData("dt123\uff61infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt123.infus\u0456onsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt123.infusi\u043ensoft.com", AccountServerProblem.NotAscii)]
    [InlineData("\u0430pp.infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt123.infu\u017fionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("\uff44t123.infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt\u200b123.infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt123.infusionsoft.com\u200b", AccountServerProblem.NotAscii)]
    [InlineData("\u202edt123.infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("\ufeffdt123.infusionsoft.com", AccountServerProblem.NotAscii)]
    [InlineData("dt123.infusionsoft.com\u2044app", AccountServerProblem.NotAscii)]
    [InlineData("xn--dt123-q4a.infusionsoft.com", AccountServerProblem.Punycode)]
    [InlineData("https://XN--DT123-q4a.infusionsoft.com", AccountServerProblem.Punycode)]
    [InlineData("dt123.xn--infusonsoft-wpb.com", AccountServerProblem.OtherDomain)]
    // Blanks and control characters inside.
    [InlineData("dt 123.infusionsoft.com", AccountServerProblem.Blank)]
    [InlineData("dt123 .infusionsoft.com", AccountServerProblem.Blank)]
    [InlineData("dt123.infusionsoft.com evil.org", AccountServerProblem.Blank)]
    [InlineData("dt123\n.infusionsoft.com", AccountServerProblem.Blank)]
    [InlineData("dt123.infusionsoft.com\r\nHost:evil.org", AccountServerProblem.Blank)]
    [InlineData("dt\0123.infusionsoft.com", AccountServerProblem.Blank)]
    [InlineData("dt123.infusionsoft.com\0", AccountServerProblem.Blank)]
    [InlineData("dt123\u007f.infusionsoft.com", AccountServerProblem.Blank)]
    // Labels.
    [InlineData("a.dt123.infusionsoft.com", AccountServerProblem.TooManyLabels)]
    [InlineData("keys.developer.infusionsoft.com", AccountServerProblem.TooManyLabels)]
    [InlineData(".dt123.infusionsoft.com", AccountServerProblem.TooManyLabels)]
    [InlineData("dt123..infusionsoft.com", AccountServerProblem.TooManyLabels)]
    [InlineData("dt123.infusionsoft.com.infusionsoft.com", AccountServerProblem.TooManyLabels)]
    [InlineData(".infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("-dt123.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("dt123-.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("-.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("dt_123.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("*.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("dt%31.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("<b>.infusionsoft.com", AccountServerProblem.BadName)]
    [InlineData("a" + Label63 + ".infusionsoft.com", AccountServerProblem.BadName)]
    // Infusionsoft's own.
    [InlineData("www.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("api.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("signin.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("https://accounts.infusionsoft.com/", AccountServerProblem.Reserved)]
    [InlineData("developer.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("keys.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("help.infusionsoft.com", AccountServerProblem.Reserved)]
    [InlineData("COMMUNITY.infusionsoft.com", AccountServerProblem.Reserved)]
    public void TryParse_AnythingElse_IsRefusedWithItsReason(string? input, AccountServerProblem expected)
    {
        AccountServer.TryParse(input, out var server, out var refusal).ShouldBeFalse();

        refusal.Problem.ShouldBe(expected);
        refusal.Suggestion.ShouldBeNull();
        server.ShouldBe(default);
    }

    [Theory]
    [InlineData("dt123", "dt123.infusionsoft.com")]
    [InlineData("  DT123 ", "dt123.infusionsoft.com")]
    [InlineData("https://dt123", "dt123.infusionsoft.com")]
    [InlineData("dt123/", "dt123.infusionsoft.com")]
    [InlineData("my-shop", "my-shop.infusionsoft.com")]
    [InlineData(Label63, Label63 + ".infusionsoft.com")]
    [InlineData("www", null)]
    [InlineData("accounts", null)]
    [InlineData("-dt123", null)]
    [InlineData("dt_123", null)]
    [InlineData("a" + Label63, null)]
    public void TryParse_NoDot_OffersTheDomainWhereThatWouldDo(string input, string? expected)
    {
        AccountServer.TryParse(input, out _, out var refusal).ShouldBeFalse();

        refusal.ShouldBe(new AccountServerRefusal(AccountServerProblem.NoDomain, expected));
        if (expected is not null) AccountServer.TryParse(expected, out _, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData(262, AccountServerProblem.NoDomain)]
    [InlineData(263, AccountServerProblem.TooLong)]
    [InlineData(1_000_000, AccountServerProblem.TooLong)]
    public void TryParse_VeryLong_IsRefused(int length, AccountServerProblem expected)
    {
        AccountServer.TryParse(new string('a', length), out _, out var refusal).ShouldBeFalse();

        refusal.Problem.ShouldBe(expected);
    }

    [Theory]
    [InlineData("dt123.infusionsoft.com", true)]
    [InlineData("zt1190.infusionsoft.com", true)]
    [InlineData("alpha.infusionsoft.com", false)]
    [InlineData("dt12.infusionsoft.com", false)]
    [InlineData("dt123x.infusionsoft.com", false)]
    public void LooksUsual_Name_IsTwoLettersAndDigits(string host, bool expected)
    {
        AccountServer.TryParse(host, out var server, out _).ShouldBeTrue();

        server.LooksUsual.ShouldBe(expected);
    }
}
