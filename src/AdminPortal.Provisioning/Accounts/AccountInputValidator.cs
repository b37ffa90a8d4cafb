using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Accounts;

internal sealed class AccountInputValidator : AbstractValidator<AccountInput>
{
    public AccountInputValidator(IStringLocalizer<ProvisioningText> texts, PortalAddresses addresses)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Name).RequiredText(texts, texts["Account.Name"], PlatformAccount.MaxNameLength);
        RuleFor(input => input.BaseUrl)
            .RequiredText(texts, texts["Account.BaseUrl"], WebAddress.MaxLength)
            .Custom((_, context) =>
            {
                if (WebAddress.TryParseRoot(context.InstanceToValidate.BareBaseUrl(), addresses.AllowLoopbackHttp, out var _, out var problem)) return;
                context.AddFailure(texts[$"Address.{problem}"]);
            });
        RuleFor(input => input.OrganizationSecret).RequiredKey(texts, texts["Account.OrganizationSecret"], InputRules.MaxSecretLength).When(input => input.Id is null);
        RuleFor(input => input.OrganizationSecret).OptionalKey(texts, texts["Account.OrganizationSecret"], InputRules.MaxSecretLength).When(input => input.Id is not null);
        RuleFor(input => input.UserSecret).RequiredKey(texts, texts["Account.UserSecret"], InputRules.MaxSecretLength).When(input => input.Id is null);
        RuleFor(input => input.UserSecret).OptionalKey(texts, texts["Account.UserSecret"], InputRules.MaxSecretLength).When(input => input.Id is not null);
        RuleFor(input => input.CheckEveryMinutes)
            .InclusiveBetween(PlatformAccount.MinCheckMinutes, PlatformAccount.MaxCheckMinutes)
            .WithMessage(_ => texts["Account.CheckEveryMinutes", PlatformAccount.MinCheckMinutes, PlatformAccount.MaxCheckMinutes]);
        RuleFor(input => input.SignInHosts)
            .Must((input, _) => input.SignInHostList().Count is > 0 and <= InputRules.MaxSignInHosts).WithMessage(_ => texts["Account.SignInHosts.Count", InputRules.MaxSignInHosts])
            .Must((input, _) => input.SignInHostList().All(host => host.Length <= 253 && Uri.CheckHostName(host) != UriHostNameType.Unknown))
            .WithMessage(_ => texts["Account.SignInHosts.Form"]);
    }
}
