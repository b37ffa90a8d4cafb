using AdminPortal.Provisioning.Elements;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Checks a whole draft by the same rules as its steps: what was kept unchecked is found here.</summary>
public sealed class DraftCheck(
    ElementCatalog catalog, FieldCheck fieldCheck, IValidator<InstanceOptions> optionsValidator, PortalAddresses addresses, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>A line for each part of the draft.</summary>
    /// <param name="attempt">The draft.</param>
    /// <param name="hasAccount">Whether its platform account is there.</param>
    /// <param name="hasApp">Whether its provider app is there.</param>
    /// <param name="hasTarget">Whether the instance that is authorized anew is there; of no account where one is created.</param>
    internal IReadOnlyList<CheckLine> Check(ProvisioningAttempt attempt, bool hasAccount, bool hasApp, bool hasTarget)
    {
        if (catalog.Find(attempt.ElementKey) is not { } element)
            return [new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.Element"], WizardStep.Element)];

        var lines = new List<CheckLine>();
        var broken = new List<CheckLine>();
        if (!hasAccount) broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.Account"], WizardStep.Element));
        if (!hasApp) broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Draft.App"], WizardStep.Provider));

        foreach (var field in element.Fields)
        {
            if (field.Secret)
            {
                // The platform keeps the secrets of an instance that exists.
                if (field.Required && !attempt.IsReauthentication && !attempt.SealedConfiguration.ContainsKey(field.Key))
                    broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.Fields"], texts["Check.Fields.SecretMissing", fieldCheck.Label(field)], WizardStep.Account));
                continue;
            }

            var input = attempt.Configuration.GetValueOrDefault(field.Key);
            if (!fieldCheck.TryRead(field, input, out var value, out var problem))
            {
                broken.Add(new CheckLine(CheckLevel.Failed, fieldCheck.Label(field), problem!.Message, WizardStep.Account));
            }
            else if (field.Format == FieldFormat.AccountServer && AccountServer.TryParse(value, out var server, out _))
            {
                lines.Add(server.LooksUsual
                    ? new CheckLine(CheckLevel.Passed, fieldCheck.Label(field), texts["Check.Server.Passed", server.Host])
                    : new CheckLine(CheckLevel.Warning, fieldCheck.Label(field), texts["Check.Server.Unusual", server.Host], WizardStep.Account));
            }
        }

        if (attempt.IsReauthentication)
        {
            // Name, tags and events are the instance's own; nothing of them is sent from here.
            if (!hasTarget) broken.Add(new CheckLine(CheckLevel.Failed, texts["Check.Instance"], texts["Instance.Gone"]));
        }
        else
        {
            var options = new InstanceOptions { Name = attempt.Name, Tags = attempt.Tags, Events = attempt.Events };
            broken.AddRange(optionsValidator.Check(options).Select(problem => new CheckLine(CheckLevel.Failed, texts["Check.Fields"], problem.Message, WizardStep.Options)));
        }

        lines.InsertRange(0, broken.Count > 0 ? broken : [new CheckLine(CheckLevel.Passed, texts["Check.Fields"], texts["Check.Fields.Passed"])]);
        lines.Add(WebAddress.TryParse(addresses.CallbackUrl, addresses.AllowLoopbackHttp, out var _, out _)
            ? new CheckLine(CheckLevel.Passed, texts["Check.CallbackUrl"], texts["Check.CallbackUrl.Passed", addresses.CallbackUrl])
            : new CheckLine(CheckLevel.Failed, texts["Check.CallbackUrl"], texts["Address.NotHttps"]));
        return lines;
    }
}
