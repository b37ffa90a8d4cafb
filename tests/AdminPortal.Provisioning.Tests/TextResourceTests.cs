using System.Text.RegularExpressions;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Tests;

public sealed partial class TextResourceTests
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
    private static readonly IStringLocalizer Portal = Services.GetRequiredService<IStringLocalizer<ProvisioningText>>();
    private static readonly IStringLocalizer Element = Services.GetRequiredService<IStringLocalizer<ElementText>>();

    [Theory]
    [InlineData("Server.", typeof(AccountServerProblem), true)]
    [InlineData("Unsent.", typeof(UnsentReason), false)]
    [InlineData("Unclear.", typeof(UnclearReason), false)]
    [InlineData("Address.", typeof(WebAddressProblem), false)]
    [InlineData("Attention.", typeof(AttentionReason), false)]
    [InlineData("SingleSignOn.", typeof(SingleSignOnRefusal), false)]
    public void Texts_EveryEnumMember_HasASentence(string prefix, Type type, bool ofElements)
    {
        foreach (var name in Enum.GetNames(type)) Sentence(ofElements ? Element : Portal, prefix + name);
    }

    [Fact]
    public void Texts_Catalog_HasASummaryLabelHelpAndNoticeForAll()
    {
        foreach (var element in ElementCatalog.Infusionsoft.All)
        {
            Sentence(Element, $"Element.{element.Key}.Summary");
            foreach (var notice in element.Notices) Sentence(Element, $"Notice.{notice}");
            foreach (var field in element.Fields)
            {
                Element[$"Field.{field.Key}.Label"].ResourceNotFound.ShouldBeFalse(field.Key);
                Sentence(Element, $"Field.{field.Key}.Help");
            }
        }
    }

    [Fact]
    public void Texts_EveryKindOfJob_HasAWord()
    {
        foreach (var kind in Enum.GetNames<JobKind>()) Portal[$"Job.{kind}"].ResourceNotFound.ShouldBeFalse(kind);
    }

    [Fact]
    public void Texts_EveryWayToSignIn_HasItsWords()
    {
        foreach (var factor in Enum.GetNames<SignInFactor>()) Portal[$"SignInFactor.{factor}"].ResourceNotFound.ShouldBeFalse(factor);
    }

    [Fact]
    public void Texts_OAuthUrlChecks_HaveBothSentences()
    {
        // Their keys are put together: see OAuthUrlCheck.
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "AdminPortal.Provisioning", "Attempts", "Consent", "OAuthUrlCheck.cs"));
        var keys = LineKey().Matches(source).Select(match => match.Groups[1].Value).ToList();

        keys.Count.ShouldBe(4);
        foreach (var key in keys)
        {
            Portal[key].ResourceNotFound.ShouldBeFalse(key);
            Sentence(Portal, key + ".Passed");
            Sentence(Portal, key + ".Failed");
        }
    }

    [Fact]
    public void Texts_LiteralsInTheSources_HaveAnEntry()
    {
        var found = 0;
        foreach (var file in Repository.Files("src/AdminPortal.Provisioning", ".cs"))
        {
            foreach (Match match in Literal().Matches(File.ReadAllText(file)))
            {
                found++;
                var key = match.Groups[1].Value;
                (Portal[key].ResourceNotFound && Element[key].ResourceNotFound).ShouldBeFalse($"{key}, used in {Path.GetFileName(file)}");
            }
        }

        found.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Texts_Entries_AreAllUsed()
    {
        var sources = string.Concat(Repository.Files("src", ".cs", ".razor").Select(File.ReadAllText));
        string[] composed = ["Server.", "Unsent.", "Unclear.", "Address.", "Field.infusionsoft.", "Element.", "Notice.", "Check.SignInHost.", "Check.RedirectUri.", "Check.State.", "Check.ClientId.", "Attention.", "Job.", "Role.", "Operation.", "SignInFactor.", "SingleSignOn.", "Token.Scope.", "Proof.", "Record.", "Activity.Marked."];

        var idle = Portal.GetAllStrings(includeParentCultures: true).Concat(Element.GetAllStrings(includeParentCultures: true))
            .Select(text => text.Name)
            .Where(name => !composed.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !sources.Contains($"\"{name}\"", StringComparison.Ordinal));

        idle.ShouldBeEmpty();
    }

    private static void Sentence(IStringLocalizer texts, string key)
    {
        var text = texts[key, "0", "1"];
        text.ResourceNotFound.ShouldBeFalse(key);
        text.Value.ShouldEndWith(".", Case.Sensitive, key);
        char.IsLower(text.Value[0]).ShouldBeFalse(key);
    }

    [GeneratedRegex("""texts\["([^"]+)"[\],]""")]
    private static partial Regex Literal();

    [GeneratedRegex("""Line\("([^"]+)",""")]
    private static partial Regex LineKey();
}
