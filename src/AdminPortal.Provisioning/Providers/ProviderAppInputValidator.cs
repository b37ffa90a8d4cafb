using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Providers;

internal sealed class ProviderAppInputValidator : AbstractValidator<ProviderAppInput>
{
    public ProviderAppInputValidator(IStringLocalizer<ProvisioningText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Name).RequiredText(texts, texts["App.Name"], ProviderApp.MaxNameLength);
        RuleFor(input => input.ClientId).RequiredKey(texts, texts["App.ClientId"], InputRules.MaxSecretLength);
        RuleFor(input => input.ClientSecret).RequiredKey(texts, texts["App.ClientSecret"], InputRules.MaxSecretLength).When(input => input.Id is null);
        RuleFor(input => input.ClientSecret).OptionalKey(texts, texts["App.ClientSecret"], InputRules.MaxSecretLength).When(input => input.Id is not null);
    }
}
