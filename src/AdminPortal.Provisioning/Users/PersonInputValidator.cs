using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Users;

internal sealed class PersonInputValidator : AbstractValidator<PersonInput>
{
    public PersonInputValidator(IStringLocalizer<ProvisioningText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Email).RequiredText(texts, texts["Person.Email"], PersonInput.MaxEmailLength)
            .Must(EmailAddress.IsValid).WithMessage(_ => texts["Person.EmailForm"]);
        RuleFor(input => input.Role).IsInEnum().WithMessage(_ => texts["Person.Role"]);
    }
}
