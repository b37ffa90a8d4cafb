using System.Globalization;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>Checks a whole draft by the same rules as its steps: what was kept unchecked is found here.</summary>
public sealed class DraftCheck(
    ElementCatalog catalog,
    FieldCheck fieldCheck,
    IValidator<InstanceOptions> optionsValidator,
    PortalAddresses addresses,
    IOptions<PortalOptions> options,
    IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>The <see cref="CheckLine.Key"/> of a field that is empty: the platform may say that this is no matter.</summary>
    internal const string MissingKey = "Check.Fields.Missing";

    /// <summary>The <see cref="CheckLine.Key"/> of a provider app that may not be used with the account's origin.</summary>
    public const string AppNotAllowedKey = "Check.App.NotAllowed";

    /// <summary>A line for each part of the draft.</summary>
    /// <param name="parts">The draft and what it refers to.</param>
    /// <param name="told">What the platform itself says that the element needs; null where it has not been asked or has not answered.</param>
    /// <remarks>
    /// Which fields are required is the platform's to say, where it says so: the catalog follows documents of several
    /// ages. A field that the platform requires and that is empty stops, whatever the catalog thinks of it. A field that
    /// the catalog wants and that the platform plainly says is not required is only warned of. An entry that the platform
    /// does not list, or lists without saying, proves nothing, so the catalog holds: a consent spent on a request that
    /// is then refused costs more than a field too many. The form of a value that is there is checked in any case.
    /// </remarks>
    internal IReadOnlyList<CheckLine> Check(AttemptParts parts, IReadOnlyList<PlatformConfigurationEntry>? told = null)
    {
        var attempt = parts.Attempt;
        if (catalog.Find(attempt.ElementKey) is not { } element) return [Broken(texts["Draft.Element"], WizardStep.Element)];

        var lines = new List<CheckLine>();
        var broken = new List<CheckLine>();
        if (parts.Account is null) broken.Add(Broken(texts["Draft.Account"], WizardStep.Element));
        if (parts.App is null) broken.Add(Broken(texts["Draft.App"], WizardStep.Provider));
        else if (parts.Account is { } account && !parts.IsAppAllowed)
            broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.App"], texts["Check.App.NotAllowed", parts.App.Name, account.BaseUrl], WizardStep.Provider) { Key = AppNotAllowedKey });

        CheckFields(element, attempt, told, lines, broken);
        if (attempt.IsReauthentication)
        {
            // Name, tags and events are the instance's own; nothing of them is sent from here.
            if (parts.Target is null) broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.Instance"], texts["Instance.Gone"]) { Key = "Instance.Gone" });
        }
        else
        {
            var input = new InstanceOptions { Name = attempt.Name, Tags = attempt.Tags, Events = attempt.Events };
            broken.AddRange(optionsValidator.Check(input).Select(problem => Broken(problem.Message, WizardStep.Options)));
        }

        lines.InsertRange(0, broken.Count > 0 ? broken : [new CheckLine(CheckLevel.Passed, texts["Check.Fields"], texts["Check.Fields.Passed"])]);
        lines.Add(WebAddress.TryParse(addresses.CallbackUrl, addresses.AllowLoopbackHttp, out var _, out _)
            ? new CheckLine(CheckLevel.Passed, texts["Check.CallbackUrl"], texts["Check.CallbackUrl.Passed", addresses.CallbackUrl])
            : new CheckLine(CheckLevel.Failed, texts["Check.CallbackUrl"], texts["Address.NotHttps"]));
        return lines;
    }

    private void CheckFields(
        ElementDefinition element, ProvisioningAttempt attempt, IReadOnlyList<PlatformConfigurationEntry>? told, List<CheckLine> lines, List<CheckLine> broken)
    {
        foreach (var field in element.Fields)
        {
            var need = NeedOf(field, told);
            if (field.Secret)
            {
                // The platform keeps the secrets of an instance that exists.
                if (!attempt.IsReauthentication && !attempt.SealedConfiguration.ContainsKey(field.Key)) Miss(field, need);
                continue;
            }

            var input = attempt.Configuration.GetValueOrDefault(field.Key);
            if (string.IsNullOrWhiteSpace(input) && need != Need.Catalog)
            {
                Miss(field, need);
            }
            else if (!fieldCheck.TryRead(field, input, out var value, out var problem))
            {
                var key = string.IsNullOrWhiteSpace(input) ? MissingKey : "Check.Fields.Form";
                broken.Add(new CheckLine(CheckLevel.Failed, fieldCheck.Label(field), problem!.Message, WizardStep.Account) { Key = key });
            }
            else if (field.Format == FieldFormat.AccountServer && AccountServer.TryParse(value, out var server, out _))
            {
                lines.Add(server.LooksUsual
                    ? new CheckLine(CheckLevel.Passed, fieldCheck.Label(field), texts["Check.Server.Passed", server.Host])
                    : new CheckLine(CheckLevel.Warning, fieldCheck.Label(field), texts["Check.Server.Unusual", server.Host], WizardStep.Account) { Key = "Check.Server.Unusual" });
            }
        }

        void Miss(ConfigurationField field, Need need)
        {
            switch (need)
            {
                case Need.Catalog or Need.Platform when attempt.PreviousAttemptId is not null && field.Secret:
                    // Taken over where it could be; here it was erased meanwhile, or does not open any more.
                    broken.Add(Broken(texts["Check.Fields.SecretErased", fieldCheck.Label(field), Days(options.Value.DraftLifetime)], WizardStep.Account) with { Key = MissingKey });
                    break;
                case Need.Catalog:
                    broken.Add(Broken(texts["Check.Fields.SecretMissing", fieldCheck.Label(field)], WizardStep.Account) with { Key = MissingKey });
                    break;
                case Need.Platform:
                    broken.Add(Broken(texts["Check.Fields.Required", fieldCheck.Label(field)], WizardStep.Account) with { Key = MissingKey });
                    break;
                case Need.NotByPlatform:
                    lines.Add(new CheckLine(CheckLevel.Warning, fieldCheck.Label(field), texts["Check.Fields.NotRequired", fieldCheck.Label(field)], WizardStep.Account) { Key = "Check.Fields.NotRequired" });
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Who wants this field to be filled in.</summary>
    private static Need NeedOf(ConfigurationField field, IReadOnlyList<PlatformConfigurationEntry>? told)
    {
        var entry = told?.FirstOrDefault(row => row.Key == field.Key && !row.Internal);
        return (entry, field.Required) switch
        {
            ({ Required: true, HasDefault: false }, _) => Need.Platform,
            ({ Required: false, SaysWhetherRequired: true }, true) => Need.NotByPlatform,
            (_, true) => Need.Catalog,
            _ => Need.Nobody,
        };
    }

    private CheckLine Broken(string sentence, WizardStep step) => new(CheckLevel.Failed, texts["Check.Fields"], sentence, step) { Key = "Check.Fields" };

    private static string Days(TimeSpan time) => Math.Floor(time.TotalDays).ToString("N0", CultureInfo.CurrentCulture);

    private enum Need
    {
        Nobody,
        Catalog,
        Platform,
        NotByPlatform,
    }
}
