using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What a person can change of an instance without a new consent.</summary>
public sealed class InstanceEdit
{
    public string Name { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>The version that it was made from: another one is not changed. Null changes whichever there is.</summary>
    public int? Version { get; set; }
}

internal sealed class InstanceEditValidator : AbstractValidator<InstanceEdit>
{
    public InstanceEditValidator(IStringLocalizer<ProvisioningText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(edit => edit.Name).RequiredText(texts, texts["Instance.Name"], InputRules.MaxInstanceNameLength);
        RuleFor(edit => edit.Tags).TagList(texts);
    }
}
