using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.Extensions.Configuration;

namespace AdminPortal.Provisioning.Tests.SingleSignOn;

public sealed class SingleSignOnOptionsTests
{
    private const string Section = "Portal:SingleSignOn:";

    private static readonly Dictionary<string, string?> Good = new()
    {
        [Section + "Authority"] = "https://login.example.com/realms/staff",
        [Section + "ClientId"] = "portal",
        [Section + "ClientSecret"] = "the-secret-itself",
        [Section + "Roles:Administrator:0"] = "portal-admins",
    };

    [Fact]
    public void Validate_GoodOrNothing_Succeeds()
    {
        Failures(Good).ShouldBeEmpty();
        Failures([]).ShouldBeEmpty();
        Failures(new(Good) { ["Portal:LocalSignIn:Enabled"] = "false" }).ShouldBeEmpty();
        Failures(new(Good) { [Section + "Authority"] = "http://127.0.0.1:9000" }, "Development").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Authority", "http://login.example.com", "Authority")]
    [InlineData("Authority", "http://127.0.0.1:9000", "Authority")]
    [InlineData("Authority", "login.example.com", "Authority")]
    [InlineData("Authority", "https://login.example.com?tenant=a", "Authority")]
    [InlineData("Authority", "https://user:pass@login.example.com", "Authority")]
    [InlineData("Authority", "", "Authority")]
    [InlineData("ClientId", " ", "ClientId")]
    [InlineData("ClientSecret", "", "ClientSecret")]
    [InlineData("DisplayName", "", "DisplayName")]
    [InlineData("DisplayName", "a\u202eb", "DisplayName")]
    [InlineData("Scopes", "profile email", "Scopes")]
    [InlineData("EmailClaim", "", "EmailClaim")]
    [InlineData("RoleClaim", "", "RoleClaim")]
    [InlineData("Timeout", "00:05:00", "Timeout")]
    [InlineData("Roles:Admin:0", "x", "Roles has \"Admin\"")]
    [InlineData("Roles:2:0", "x", "Roles has \"2\"")]
    [InlineData("DefaultRole", "Root", "DefaultRole")]
    [InlineData("Roles:Administrator:0", null, "Roles:Administrator:0")]
    public void Validate_Wrong_NamesTheKeyAndNeverTheSecret(string key, string? value, string named)
    {
        var settings = new Dictionary<string, string?>(Good) { [Section + key] = value };
        if (value is null) _ = settings.Remove(Section + key);

        var failure = Failures(settings).ShouldHaveSingleItem();

        failure.ShouldContain(named);
        failure.ShouldContain(Section[..^1]);
        failure.ShouldNotContain("the-secret-itself");
    }

    [Fact]
    public void Validate_NobodyCouldSignIn_IsRefused() =>
        Failures(new() { ["Portal:LocalSignIn:Enabled"] = "false" }).ShouldHaveSingleItem().ShouldContain("Portal:LocalSignIn:Enabled");

    [Theory]
    [InlineData("a,portal-admins,portal-operators", null, Role.Administrator)]
    [InlineData("everybody,portal-operators", null, Role.Operator)]
    [InlineData("everybody", null, Role.Viewer)]
    [InlineData("PORTAL-ADMINS", null, null)]
    [InlineData("", null, null)]
    [InlineData("", "operator", Role.Operator)]
    public void RoleOf_Values_IsTheHighestThatMatches(string values, string? otherwise, Role? role)
    {
        var options = new SingleSignOnOptions { DefaultRole = otherwise, Roles = { ["administrator"] = ["portal-admins"], ["Operator"] = ["portal-operators"], ["Viewer"] = ["everybody"] } };

        options.RoleOf(values.Split(',')).ShouldBe(role);
    }

    private static List<string> Failures(Dictionary<string, string?> settings, string environment = "Production")
    {
        var options = new PortalOptions();
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(PortalOptions.SectionName).Bind(options);
        return [.. new SingleSignOnOptionsValidator(new TestEnvironment(environment)).Validate(null, options).Failures ?? []];
    }
}
